# As Dockerfile, with the program from its wheel, as pip installs it.
#
#   docker build -f wheel.Dockerfile -t heygem .
#
# The build context holds heygem_run-….whl (from a release), HeyGem-Linux-Python-Hack/, fastapi_app.py and requirements.txt.
# Two lines to change: BASE, to the Python that your SDK is compiled for, and CMD, to what starts your service. What else an image
# for a service should have, such as a user and a health check, is in Dockerfile.
ARG BASE=python:3.8-slim

FROM ${BASE}
ENV HEYGEM_DIR=/app/HeyGem-Linux-Python-Hack
WORKDIR /app
COPY heygem_run-*.whl requirements.txt /tmp/
RUN pip install --no-cache-dir /tmp/heygem_run-*.whl -r /tmp/requirements.txt
COPY HeyGem-Linux-Python-Hack HeyGem-Linux-Python-Hack
RUN heygem-run --prepare
COPY fastapi_app.py .
ENTRYPOINT ["heygem-run", "--"]
CMD ["python", "-m", "uvicorn", "fastapi_app:app", "--host", "0.0.0.0", "--port", "8000"]
