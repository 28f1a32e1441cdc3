# As Dockerfile, where there is no Rust on the host: a stage of its own builds the program.
#
#   docker build -f build.Dockerfile -t heygem .
#
# The build context holds heygem-run/ (this project's source), HeyGem-Linux-Python-Hack/, fastapi_app.py and requirements.txt.
# Two lines to change: BASE, to the Python that your SDK is compiled for, and CMD, to what starts your service. What else an image
# for a service should have, such as a user and a health check, is in Dockerfile.
ARG RUST=rust:1-slim
ARG BASE=python:3.8-slim

# Has a C compiler and a static libc. The program is static, so the other image may be older than this one.
FROM ${RUST} AS program
WORKDIR /src
COPY heygem-run .
RUN cargo build --release --locked && install target/*/release/heygem-run /usr/local/bin/

FROM ${BASE}
ENV HEYGEM_DIR=/app/HeyGem-Linux-Python-Hack
WORKDIR /app
COPY --from=program /usr/local/bin/heygem-run /usr/local/bin/
COPY requirements.txt /tmp/
RUN pip install --no-cache-dir -r /tmp/requirements.txt
COPY HeyGem-Linux-Python-Hack HeyGem-Linux-Python-Hack
RUN heygem-run --prepare
COPY fastapi_app.py .
ENTRYPOINT ["heygem-run", "--"]
CMD ["python", "-m", "uvicorn", "fastapi_app:app", "--host", "0.0.0.0", "--port", "8000"]
