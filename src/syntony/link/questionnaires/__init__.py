"""What questionnaires can bear: reliability, change over sessions, likeness of two people."""
