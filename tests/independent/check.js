// Checkpoints and inclusion, by the modules of @sigstore/verify that look at
// a transparency log's entry.
//
// usage: node check.js DIR NODE_MODULES
//
// DIR is what write.c wrote. The package gives out only a verifier of whole
// bundles, so its two modules are called by their paths, in a pinned release.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const [dir, modules] = process.argv.slice(2);
const part = (name) =>
  require(path.resolve(modules, '@sigstore/verify/dist/timestamp', name));
const { verifyCheckpoint } = part('checkpoint.js');
const { verifyMerkleInclusion } = part('merkle.js');

const read = (name) => fs.readFileSync(path.join(dir, name));
const lines = (name) => read(name).toString().trimEnd().split('\n');

let proofs = 0;
let disagreements = 0;
function judge(what, ours, check) {
  let theirs = true;
  try {
    check();
  } catch (error) {
    // It reads the size before it verifies: digits that are none end there.
    const refused =
      error.code === 'TLOG_INCLUSION_PROOF_ERROR' ||
      /^SyntaxError: Cannot convert .* to a BigInt$/s.test(`${error}`);
    theirs = refused ? false : `${error}`;
  }
  proofs += 1;
  if (theirs !== ours) {
    disagreements += 1;
    console.log(`sigstore: ${what}: ours ${ours}, theirs ${theirs}`);
  }
}

// A log as its verifier knows it: the first bytes of its id are the key's.
function known(vkey) {
  const [name, id, key] = vkey.trim().split(/\+(.*?)\+(.*)/);
  const spki = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(key, 'base64').subarray(1),
  ]);
  return {
    baseURL: name,
    logID: Buffer.concat([Buffer.from(id, 'hex'), Buffer.alloc(28)]),
    publicKey: crypto.createPublicKey({ key: spki, format: 'der', type: 'spki' }),
    validFor: { start: new Date(0), end: new Date(8640000000000000) },
  };
}

const log = known(read('log.vkey').toString());

function checkNote(file, ours) {
  const envelope = read(file).toString();
  const rootHash = Buffer.from(envelope.split('\n')[2] || '', 'base64');
  judge(file, ours, () =>
    verifyCheckpoint(
      { integratedTime: '1', inclusionProof: { checkpoint: { envelope }, rootHash } },
      [log]
    )
  );
}

const roots = new Map();
for (const file of fs.readdirSync(dir)) {
  if (!file.startsWith('checkpoint-')) continue;
  checkNote(file, true);
  const [, size, root] = read(file).toString().split('\n');
  roots.set(size, Buffer.from(root, 'base64'));
}
for (const line of lines('verdicts')) {
  const [file, verdict] = line.split(' ');
  checkNote(file, verdict === '1');
}
for (const line of lines('inclusion')) {
  const [verdict, treeSize, logIndex, ...hashes] = line.split(' ');
  judge(`inclusion of ${logIndex} in ${treeSize}`, verdict === '1', () =>
    verifyMerkleInclusion({
      canonicalizedBody: Buffer.from(`entry ${logIndex} of a test journal`),
      inclusionProof: {
        logIndex,
        treeSize,
        rootHash: roots.get(treeSize),
        hashes: hashes.map((hash) => Buffer.from(hash, 'base64')),
      },
    })
  );
}
console.log(`sigstore: proofs=${proofs} disagreements=${disagreements}`);
