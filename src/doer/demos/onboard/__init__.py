"""The onboarding scenario: the fictional company Acme, its servers on loopback, its seed, its independent observer."""
