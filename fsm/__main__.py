"""`python -m fsm` is the command `fsm`."""

from fsm.cli.main import main

raise SystemExit(main())
