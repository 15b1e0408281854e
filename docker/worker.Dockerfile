# One worker and the stage processes that it starts, with torch; the same image for CPU and GPU.
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
RUN pip install -c requirements.lock -e ".[server,train]"
USER palimpsest
ENV PALIMPSEST_HOME=/var/lib/palimpsest PALIMPSEST_IN_CONTAINER=true PALIMPSEST_LOG_FORMAT=json
ENTRYPOINT ["palimpsest"]
CMD ["worker"]
