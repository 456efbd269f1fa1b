PYTHON ?= python3
.PHONY: demo test bench lock style messages

demo: ## start the demonstration
	@$(PYTHON) run.py demo

test: ## everything that is checked
	@$(PYTHON) run.py test

bench: ## measure how fast the menu answers
	@$(PYTHON) run.py bench

lock: ## write the hashed lists of packages again
	@$(PYTHON) run.py lock

style: ## build static/nlds from frontend
	@$(PYTHON) run.py style

messages: ## bring locale/nl in line with the texts in the code
	@$(PYTHON) run.py messages
