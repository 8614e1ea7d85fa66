"""What waits for whom: to-dos that menus declare, counted, bundled into a daily digest, told before deadlines.

Menus (`app/views`) declare their to-dos with `declared.Todo`. `counting` counts them in one statement, for pages
and for jobs that have no request: the caller passes the menus, the actor and the permissions.
"""
