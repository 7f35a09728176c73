"""Where everything is kept: SQL, one module for each family of tables, every function inside somebody's transaction."""
