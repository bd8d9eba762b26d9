# The example app. Its own dependencies are this package's development dependencies, so all are installed.
FROM node:20-bookworm-slim
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs
USER node
EXPOSE 3000
CMD ["node", "dist/example-app/main.js"]
