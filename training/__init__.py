"""Training of the on-device action model: from data to the weights that the package ships. Needs torch; the package does not."""
