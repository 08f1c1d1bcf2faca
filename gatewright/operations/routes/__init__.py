"""Dynamic routes: drawing, deployed versions, rollback."""
