"""A folder for a USB stick with which a laptop without internet runs trucesim."""
