# What `make install` installs; filled in where the libraries and programs are defined.
