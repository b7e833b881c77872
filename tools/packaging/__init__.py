"""The files that are handed out: a static program, an archive, a Debian package and a container image."""
