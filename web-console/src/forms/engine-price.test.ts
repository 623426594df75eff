import { expect, test } from "vitest";
import { offerPrice, replicasProblem, runningCost, sizeText } from "./engine-price";

const small = { engine: "s" as const, millicpu: 500, memory_mib: 512, price_per_hour: "0.0137" };
const dev = { engine: "dev" as const, millicpu: 250, memory_mib: 256, price_per_hour: "0" };

test("an engine is told by its size and price", () => {
  expect(sizeText(small)).toBe("0.5 CPU, 512 MB");
  expect(sizeText({ ...small, memory_mib: 4_096, millicpu: 4_000 })).toBe("4 CPU, 4 GB");
  expect(offerPrice(small, "USD", "en")).toBe("$0.0137 an hour");
  expect(offerPrice(dev, "USD", "en")).toBe("included");
});

test("the cost is a range only where the load decides", () => {
  expect(runningCost(small, 3, 3, "USD", "en")).toBe("$0.0411 an hour, about $30.00 a month, on top of the base price.");
  expect(runningCost(small, 1, 2, "USD", "en")).toBe("$0.0137 to $0.0274 an hour, about $10.00 to $20.00 a month, on top of the base price.");
  expect(runningCost(dev, 1, 1, "USD", "en")).toBe("Included in the base price.");
});

test("replicas are whole numbers within the region's bounds", () => {
  expect(replicasProblem("3", 20, false)).toBeUndefined();
  expect(replicasProblem("", 20, true)).toBeUndefined();
  for (const wrong of ["", "0", "21", "1.5", "two"]) expect(replicasProblem(wrong, 20, false)).toBe("Enter a number from 1 to 20.");
});
