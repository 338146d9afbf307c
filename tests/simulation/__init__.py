"""The real engine with a virtual clock and a simulated fleet: thousands of trials and faults in a second."""
