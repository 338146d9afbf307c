# One image for all of Caviar: the service, Ray's head with the agent, Ray's workers. Ray compares Python versions down
# to the patch, so every node of a cluster must be of the same image.
# A study's own packages: build FROM this image and install them into /opt/caviar.
ARG PYTHON=3.12
FROM python:${PYTHON}-slim AS build

RUN pip install --no-cache-dir uv
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1 VIRTUAL_ENV=/opt/caviar
WORKDIR /src
RUN uv venv -q --python "$(command -v python3)" /opt/caviar
# The versions and hashes of the lock, without the tools that only development needs.
COPY pyproject.toml requirements.lock ./
RUN uv pip install -q --verify-hashes -c requirements.lock -r pyproject.toml \
    --extra server --extra workers --extra postgres --extra optuna
COPY README.md alembic.ini ./
COPY migrations ./migrations
COPY service ./service
COPY workers ./workers
RUN uv pip install -q --no-deps .

FROM python:${PYTHON}-slim
RUN useradd --create-home --uid 1000 caviar && install -d -o caviar -g caviar /var/lib/caviar
COPY --from=build /opt/caviar /opt/caviar
WORKDIR /app
COPY deploy/ray-head.sh deploy/ray-worker.sh ./deploy/
ENV PATH=/opt/caviar/bin:$PATH PYTHONUNBUFFERED=1 CAVIAR_DATA_DIR=/var/lib/caviar
USER caviar
VOLUME /var/lib/caviar
CMD ["python", "-m", "caviar.api"]
