"""How strong each kind of fault must be to be seen."""
