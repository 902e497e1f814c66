/** What the README tells a newcomer to type first. */
export const FIRST_COMMANDS = `git clone https://github.com/walg-exporter/walg-exporter && cd walg-exporter
npx -y deno@2.9.6 task demo   # http://127.0.0.1:9351/ shows a month of a cluster's life; Node's npx is all it needs
npx -y deno@2.9.6 task test   # runs the tests
`;
