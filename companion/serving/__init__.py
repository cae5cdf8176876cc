"""The companion over HTTP: `companion serve`.

A request carries its whole conversation and nothing of it is kept. The same workflow answers it as
everywhere else, in a memory of its own.

`asking` reads a request, `past` and `standing` rebuild what came before, `answering` has it
answered, `reply` and `wire` give the answer OpenAI's shape; `app` and `door` are the routes and who
may use them, `following` the threads, `running` the server.
"""
