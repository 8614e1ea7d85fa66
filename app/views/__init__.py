"""What people see: declarative menus on one base view."""
