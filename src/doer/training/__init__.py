"""Training: examples of requests and tools to weights of the action model. torch is an extra (`train`), loaded where it is used."""
