PYTHON ?= python3
.PHONY: demo test bench attack sbom audit lock style messages

demo: ## start the demonstration
	@$(PYTHON) run.py demo

test: ## everything that is checked
	@$(PYTHON) run.py test

bench: ## measure how fast the menu answers
	@$(PYTHON) run.py bench

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
