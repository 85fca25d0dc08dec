# Both programs, built once, in an image without what they were built with.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /source
COPY . .
# What is cached here is not part of the layer, so the programs are taken out of it.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/source/target,sharing=locked \
    cargo build --release --locked --package omni-kv-http --package omni-tck-cli \
        --features omni-kv-http/redis --bin kv-service --bin tck \
    && install -D --target-directory=/programs target/release/kv-service target/release/tck

FROM debian:bookworm-slim
# A store of a file lies in /data: --store embedded:/data/kv.db
RUN install --directory --owner=65532 --group=65532 /data
COPY --from=build /programs/ /usr/local/bin/
USER 65532:65532
WORKDIR /data
ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000
# It asks whatever listens at PORT, so it serves for both programs.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
    CMD ["kv-service", "--health"]
CMD ["kv-service"]
