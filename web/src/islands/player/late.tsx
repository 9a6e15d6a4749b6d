/** Parts of the player that are loaded when they are first opened. */

import { ErrorBoundary, lazy, Suspense, type Component } from "solid-js";
import { t } from "../../lib/messages";

/** A component whose script is loaded when it is first shown; if the script does not arrive, that is said. */
export function late<P extends object>(load: () => Promise<{ default: Component<P> }>): Component<P> {
  const Part = lazy(load);
  return (props) => (
    <ErrorBoundary fallback={<p class="late">{t().bar.late}</p>}>
      <Suspense>
        <Part {...props} />
      </Suspense>
    </ErrorBoundary>
  );
}
