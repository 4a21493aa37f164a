// Stops with a plain sentence when the runtime is not the one that package.json pins. The pinned Node comes as an
// optional dependency, and npm skips those silently when they cannot be installed.
const [major] = process.versions.node.split('.').map(Number);
if (major !== 24) {
  console.error(
    `gatepost: this is Node ${process.versions.node}, but Gatepost is developed and tested on Node 24.\n` +
      `  The pinned runtime should be at node_modules/.bin/node. Run "npm ci" again without --omit=optional,\n` +
      `  or install Node 24 yourself and run the command once more.`,
  );
  process.exit(1);
}
