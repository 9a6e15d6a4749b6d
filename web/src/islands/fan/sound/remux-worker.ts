/** The worker that remuxes, below the address from which this page loads without a network. */

import "../../../lib/gapless/remux-worker";
