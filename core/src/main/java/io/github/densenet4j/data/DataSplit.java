package io.github.densenet4j.data;

/**
 * Pictures to learn from and pictures to be judged by.
 *
 * @param train to learn from
 * @param test to validate with, never learned from
 */
public record DataSplit(Dataset train, Dataset test) {}
