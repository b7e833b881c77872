"""The parts of ./test: each module offers functions args -> Outcome."""
