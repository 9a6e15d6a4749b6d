// What `cargo xtask bench` measures `osp publish` against: node import.mjs FILE FOLDER
// imports FILE with Helia's importer, profile unixfs-v1-2025, into a file blockstore in FOLDER, and prints the CID.

import { FsBlockstore } from 'blockstore-fs';
import { importFile } from './importer.mjs';

const [file, folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node import.mjs FILE FOLDER');
const blockstore = new FsBlockstore(folder);
await blockstore.open();
console.log(await importFile(file, 'unixfs-v1-2025', blockstore));
await blockstore.close();
