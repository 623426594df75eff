/** Whether the last call reached Slipway. The browser's own "online" flag cannot tell: a local Slipway works without any network. */

import { createStore } from "../ui/store";

export const connection = createStore(true);
