"""The whole chain on made studies: demonstration and calibration."""
