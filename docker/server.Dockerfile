# API and scheduler. Holds no torch: about a tenth of the worker's size.
FROM node:24-bookworm-slim AS pages
WORKDIR /pages
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.11-slim-bookworm
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
RUN useradd --uid 10001 --create-home palimpsest && install -d -o palimpsest /var/lib/palimpsest
WORKDIR /app
COPY pyproject.toml requirements.lock README.md LICENSE alembic.ini ./
COPY core core
COPY server server
COPY worker worker
COPY palimpsest palimpsest
COPY migrations migrations
COPY docs docs
RUN pip install -c requirements.lock -e ".[server]"
COPY --from=pages /pages/dist frontend/dist
USER palimpsest
ENV PALIMPSEST_HOME=/var/lib/palimpsest PALIMPSEST_IN_CONTAINER=true PALIMPSEST_LOG_FORMAT=json
ENTRYPOINT ["palimpsest"]
CMD ["server"]
