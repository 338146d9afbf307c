"""`caviar up`: a small supervisor of three processes (service, Ray, agent) on one machine."""
