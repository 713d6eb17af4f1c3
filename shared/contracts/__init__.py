"""The only things the services share by meaning: facts, asks and the words in them."""
