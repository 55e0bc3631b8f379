"""What is right and wrong with this installation and this machine, as findings with a verdict. Nothing here repairs anything."""
