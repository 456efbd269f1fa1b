PYTHON ?= python3
.PHONY: demo test lock style messages

demo: ## start the demonstration
	@$(PYTHON) run.py demo

test: ## everything that is checked
	@$(PYTHON) run.py test

lock: ## write the hashed lists of packages again
	@$(PYTHON) run.py lock

style: ## build static/nlds from frontend
	@$(PYTHON) run.py style

messages: ## bring locale/nl in line with the texts in the code
	@$(PYTHON) run.py messages
