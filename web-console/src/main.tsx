/** Starts the console. */

import { QueryClientProvider } from "@tanstack/react-query";
import { Tooltip } from "@base-ui/react/tooltip";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { queryClient } from "./api/query-client";
import { FaultBoundary, reloadForNewVersion } from "./pages/shell/fault";
import { ConsoleRoutes } from "./routes";
import { Toaster } from "./ui/toaster";
import "./ui/styles";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

reloadForNewVersion();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Tooltip.Provider>
        <BrowserRouter>
          <FaultBoundary>
            <ConsoleRoutes />
          </FaultBoundary>
          <Toaster />
        </BrowserRouter>
      </Tooltip.Provider>
    </QueryClientProvider>
  </StrictMode>,
);
