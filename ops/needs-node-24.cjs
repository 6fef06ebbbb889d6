/**
 * Loaded before a command's TypeScript (`node -r`), by any version of Node: says in words what is missing
 * where Node would stop at the first `.ts` file. npm scripts find Node 24 in node_modules, unless npm was told
 * not to run install scripts.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

// 24.7 brought argon2 to node:crypto; TypeScript runs as it is since 22.18.
if (major < 24 || (major === 24 && minor < 7)) {
  console.error(
    `This needs Node 24.7 or newer, and ${process.execPath} is Node ${process.versions.node}.\n` +
      'npm brings the right one when its install scripts may run: `npm rebuild node`, or `npm ci` without ' +
      '--ignore-scripts.\nOr install Node 24 and start again.',
  );
  process.exit(1);
}
