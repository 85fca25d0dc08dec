# Thin over compose and cargo.
.PHONY: up down logs test

up:
	docker compose up --build --detach --wait

down:
	docker compose down

logs:
	docker compose logs --follow

test:
	tests/run
