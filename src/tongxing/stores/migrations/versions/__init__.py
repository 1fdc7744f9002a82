"""One step a file, in order: ``vNNNN_what_it_does.py``. A released step is never changed."""
