/** What a choice of engine and replicas costs, and what is wrong with it. Prices are decimal texts; the server's are the ones that count. */

import type { EngineOffer } from "../api/types";
import type { Problem } from "./validation";

/** "0.5 CPU, 512 MB". */
export function sizeText(offer: EngineOffer): string {
  const memory = offer.memory_mib >= 1_024 ? `${offer.memory_mib / 1_024} GB` : `${offer.memory_mib} MB`;
  return `${offer.millicpu / 1_000} CPU, ${memory}`;
}

const money = (amount: number, currency: string, digits: number, locale?: string) =>
  new Intl.NumberFormat(locale, { style: "currency", currency, minimumFractionDigits: 2, maximumFractionDigits: digits }).format(amount);

/** "included", or the price of one replica and hour. */
export function offerPrice(offer: EngineOffer, currency: string, locale?: string): string {
  const price = Number(offer.price_per_hour);
  return price === 0 ? "included" : `${money(price, currency, 4, locale)} an hour`;
}

const HOURS_OF_A_MONTH = 730;

/** "$0.0411 an hour, about $30.00 a month"; a range where the load decides. */
export function runningCost(offer: EngineOffer, min: number, max: number, currency: string, locale?: string): string {
  const price = Number(offer.price_per_hour);
  if (price === 0) return "Included in the base price.";
  const range = (digits: number, factor: number) => {
    const [least, most] = [min, max].map((replicas) => money(price * replicas * factor, currency, digits, locale));
    return least === most ? least : `${least} to ${most}`;
  };
  return `${range(4, 1)} an hour, about ${range(2, HOURS_OF_A_MONTH)} a month, on top of the base price.`;
}

/** A whole number from 1 to `most`; an empty maximum means that the load does not decide. */
export function replicasProblem(text: string, most: number, optional: boolean): Problem {
  if (optional && text.trim() === "") return undefined;
  const whole = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  return whole >= 1 && whole <= most ? undefined : `Enter a number from 1 to ${most}.`;
}
