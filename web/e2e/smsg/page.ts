/** Brings the modern face to a test's page; built by the test with Vite, Worker and all. */

import * as smsg from "../../src/smsg";

Object.assign(globalThis, { smsg });
