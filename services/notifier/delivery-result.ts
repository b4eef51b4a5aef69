/** How one attempt ended. */
export type DeliveryResult =
  | { readonly ok: true; readonly status?: number }
  | {
      readonly ok: false;
      /** Is another attempt of any use? `false` ends the attempts at once. */
      readonly retry: boolean;
      /** Short and the same for the same fault: a change of it is what is logged. Never holds a secret. */
      readonly reason: string;
      /** The receiver's HTTP status, where it answered. */
      readonly status?: number;
      /** The receiver asks for nothing more before so many milliseconds have passed. */
      readonly retryAfterMs?: number;
    };
