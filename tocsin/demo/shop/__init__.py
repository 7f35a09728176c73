"""The service under care: a shop with a web interface, a database, a queue of jobs and a worker, in two processes."""
