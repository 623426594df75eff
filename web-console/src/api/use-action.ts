/** The one mutation hook: runs a change, refreshes what it touched, and says what went wrong unless the form does. */

import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { toast } from "../ui/toast";
import { errorSentence } from "./error";

export type ActionOptions<Out> = {
  /** Everything below these keys is read again. */
  refreshes?: QueryKey[];
  onDone?: (result: Out) => void;
  /** The caller shows the error itself, next to the field. */
  showsError?: boolean;
};

export function useAction<In, Out>(run: (input: In) => Promise<Out>, options: ActionOptions<Out> = {}) {
  const client = useQueryClient();
  return useMutation<Out, unknown, In>({
    mutationFn: run,
    onSuccess: (result) => {
      for (const queryKey of options.refreshes ?? []) void client.invalidateQueries({ queryKey });
      options.onDone?.(result);
    },
    onError: (error) => {
      if (options.showsError !== true) toast.failed(errorSentence(error));
    },
  });
}
