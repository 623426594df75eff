/** Starts the console. */

import { QueryClientProvider } from "@tanstack/react-query";
import { Tooltip } from "@base-ui/react/tooltip";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter } from "react-router";
import { RouterProvider } from "react-router/dom";
import { queryClient } from "./api/query-client";
import { reloadForNewVersion } from "./pages/shell/fault";
import { consoleRoutes } from "./routes";
import "./ui/styles";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

reloadForNewVersion();
// A router that knows its routes can hold a step back, which the settings page asks for while something is unsaved.
const router = createBrowserRouter(consoleRoutes);
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Tooltip.Provider>
        <RouterProvider router={router} />
      </Tooltip.Provider>
    </QueryClientProvider>
  </StrictMode>,
);
