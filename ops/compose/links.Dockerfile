# The tools with which drills harm the links of a container from beside it: docs/drills-compose.md.
FROM alpine:3.22.1
RUN apk add --no-cache iproute2 iptables
USER root
CMD ["ip", "-br", "address"]
