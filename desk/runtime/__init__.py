"""The composition root: the one package that sees every layer. Built whole, then started; closed in reverse.

Read it in this order: ``options`` (what a session is opened with), ``data_directory``, ``store_connection``,
``read_model``, ``application`` (the four parts, each of which opens in its constructor what it owns and closes it in
``close``), ``runtime`` (the only place that starts and joins their threads), ``ports`` (what a window gets of it).
"""
