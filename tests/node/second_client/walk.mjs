// Walks through what a client does with a node, and prints what it saw as one JSON object.
// Usage: node walk.mjs PACKAGE CONNECTION-STRING
const [packageName, connectionString] = process.argv.slice(2);
const client = await import(packageName);
const { jsonEvent, START, END, FORWARDS, BACKWARDS, NO_STREAM } = client;
const Client = client.KurrentDBClient ?? client.EventStoreDBClient;
const store = Client.connectionString(connectionString);
const seen = {};

// The option's older name, and its newer one.
const ifNew = { expectedRevision: NO_STREAM, streamState: NO_STREAM };

const event = (type, number) => jsonEvent({ type, data: { number }, metadata: { by: packageName } });

async function take(subscription, count, each = () => {}) {
  const events = [];
  for await (const resolved of subscription) {
    events.push(resolved.event);
    await each(resolved);
    if (events.length === count) break;
  }
  return events.map((taken) => taken.data.number);
}

async function append() {
  const events = [event("Walked", 0), event("Walked", 1), event("Rested", 2)];
  const first = await store.appendToStream("walk-1", events, ifNew);
  seen.nextExpectedRevision = String(first.nextExpectedRevision);
  try {
    await store.appendToStream("walk-1", [event("Walked", 9)], ifNew);
  } catch (error) {
    seen.refusedBy = error.type;
  }
}

async function read() {
  const numbers = async (events) => {
    const found = [];
    for await (const resolved of events) found.push(resolved.event.data.number);
    return found;
  };
  seen.forwards = await numbers(store.readStream("walk-1", { direction: FORWARDS, fromRevision: START }));
  seen.backwards = await numbers(store.readStream("walk-1", { direction: BACKWARDS, fromRevision: END, maxCount: 2 }));
  try {
    await numbers(store.readStream("never-written"));
  } catch (error) {
    seen.missing = error.type;
  }
}

async function subscribe() {
  const filter = client.eventTypeFilter({ prefixes: ["Rested"], checkpointInterval: 1 });
  const filtered = store.subscribeToAll({ fromPosition: START, filter });
  seen.filtered = await take(filtered, 1);
  await filtered.unsubscribe();

  const live = store.subscribeToStream("walk-1", { fromRevision: END });
  await new Promise((resolve) => live.once("confirmation", resolve));
  const taking = take(live, 1);
  await store.appendToStream("walk-1", [event("Walked", 3)]);
  seen.live = await taking;
  await live.unsubscribe();
}

async function share() {
  const settings = client.persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START });
  await store.createPersistentSubscriptionToStream("walk-1", "walkers", settings);
  const group = store.subscribeToPersistentSubscriptionToStream("walk-1", "walkers");
  seen.shared = await take(group, 4, (resolved) => group.ack(resolved));
  await group.unsubscribe();
  const { groupName, eventSource } = await store.getPersistentSubscriptionToStreamInfo("walk-1", "walkers");
  seen.group = `${groupName} of ${eventSource}`;
  await store.deletePersistentSubscriptionToStream("walk-1", "walkers");
}

async function exceed() {
  // The client fills its chunks with 3 MiB; with a login of its own an append is a call of its own.
  const small = Array.from({ length: 40_000 }, (_, index) => jsonEvent({ type: "test", data: { message: "test", index } }));
  const patient = { deadline: 60_000 };
  seen.exceeded = [];
  for (const options of [patient, { ...patient, credentials: { username: "anybody", password: "anything" } }]) {
    try {
      await store.appendToStream("walk-2", small, options);
    } catch (error) {
      seen.exceeded.push(error.type);
    }
  }
}

for (const step of [append, read, subscribe, share, exceed]) await step();
await store.dispose();
console.log(JSON.stringify(seen));
