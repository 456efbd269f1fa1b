PYTHON ?= python3
.PHONY: demo test bench pictures accessibility attack sbom audit lock style messages

demo: ## start the demonstration
	@$(PYTHON) run.py demo

test: ## everything that is checked
	@$(PYTHON) run.py test

bench: ## measure how fast it is: docs/performance.md
	@$(PYTHON) run.py bench

pictures: ## take the pictures of the handbook again
	@$(PYTHON) run.py pictures

accessibility: ## look at every page with axe, and write the accessibility statement from what it finds
	@$(PYTHON) run.py accessibility

attack: ## let tools attack a portal as each role: docs/attacks.md
	@$(PYTHON) run.py attack

sbom: ## list what the portal is made of: docs/sbom.json
	@$(PYTHON) run.py sbom

audit: ## ask what is known against what it is made of
	@$(PYTHON) run.py audit

lock: ## write the hashed lists of packages again
	@$(PYTHON) run.py lock

style: ## build static/nlds from frontend
	@$(PYTHON) run.py style

messages: ## bring locale/nl in line with the texts in the code
	@$(PYTHON) run.py messages
