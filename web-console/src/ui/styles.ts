/** All stylesheets, in the order in which they may override one another. */

import "./tokens.css";
import "./base.css";
import "./controls.css";
import "./layers.css";
import "./shell.css";
import "./pages.css";
import "./settings.css";
