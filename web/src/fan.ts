/** The page that opens sealed files. It works alone: no player of the site, no moving between pages without loading them. */

import "./styles/main.css";
import "./styles/fan.css";
import { mountFan } from "./islands/fan";

const place = document.querySelector<HTMLElement>("[data-island=fan]");
if (place) mountFan(place);
