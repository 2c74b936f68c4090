"""Django's SQLite, whose open files a process of the site keeps from request to request."""
